import { createServer } from 'node:net';

import { freePort } from '@reveille/embedded-redis';

/** What is tried first. The first five are the defaults of the configuration, the others lie beside them. */
const WANTED_PORTS = {
  ingress: 5000,
  admin: 5001,
  ingressMetrics: 5002,
  dispatcherMetrics: 5003,
  adminMetrics: 5004,
  control: 5010,
  apns: 5011,
  fcm: 5012,
  token: 5013,
} as const;

export type DemoPort = keyof typeof WANTED_PORTS;

export interface DemoPorts {
  readonly ports: Readonly<Record<DemoPort, number>>;
  /** The wanted ones that somebody else listens on. */
  readonly taken: readonly number[];
}

/** A port for everything that the demonstration starts: the usual one, or a free one where that is taken. */
export async function chooseDemoPorts(wanted: Readonly<Record<DemoPort, number>> = WANTED_PORTS): Promise<DemoPorts> {
  const taken: number[] = [];
  const choose = async (port: number): Promise<number> => {
    if (await canListen(port)) return port;
    taken.push(port);
    return freePort();
  };
  const ports = {
    ingress: await choose(wanted.ingress),
    admin: await choose(wanted.admin),
    ingressMetrics: await choose(wanted.ingressMetrics),
    dispatcherMetrics: await choose(wanted.dispatcherMetrics),
    adminMetrics: await choose(wanted.adminMetrics),
    control: await choose(wanted.control),
    apns: await choose(wanted.apns),
    fcm: await choose(wanted.fcm),
    token: await choose(wanted.token),
  };
  return { ports, taken };
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
