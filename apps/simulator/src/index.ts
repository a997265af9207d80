export { makeQuota, type QuotaSettings, type QuotaWindow, type SimulatedQuota } from './quota';
export { apnsApp, fcmApp } from './simulated-apps';
export { startSimulator } from './start-simulator';
export type { Simulator, SimulatorOptions, SimulatorStats } from './simulator';
export { parseCommand, simulatorCommand, type SimulatorCommand } from './command';
export type { SimulatorFiles } from './key-files';
export type { ReceivedFilter, ReceivedPush } from './received-log';
