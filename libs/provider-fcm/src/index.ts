export { createFcmProvider } from './provider';
export type { FcmProviderOptions } from './provider';
export { FCM_URL, fcmSettingsShape, loadFcmCredentials } from './settings';
export type { FcmCredentials, FcmSettings } from './settings';
