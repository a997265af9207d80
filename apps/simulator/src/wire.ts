import type { IncomingHttpHeaders } from 'node:http2';

import type { Fault } from './command';

/** A complete request as it came over the wire, HTTP/2 or HTTP/1.1. */
export interface WireRequest {
  readonly method: string;
  readonly path: string;
  /** Lower-case names; pseudo-headers (`:path`, ...) included over HTTP/2. */
  readonly headers: IncomingHttpHeaders;
  /** At most KEPT_BODY_BYTES of it, the rest is counted only. */
  readonly body: string;
  readonly bodyBytes: number;
  readonly clientCertificate: ClientCertificate;
}

/** `trusted`: signed by the simulator's own authority. */
export type ClientCertificate = 'none' | 'trusted' | 'untrusted';

export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The provider's reason or error code, for `received()`. */
  readonly reason?: string | undefined;
}

/** The way back of one request. */
export interface Reply {
  /** The client gave up or the connection ended: nothing can be answered any more. */
  gone(): boolean;
  send(answer: WireAnswer): void;
  fail(fault: Fault): void;
}

export type RequestHandler = (request: WireRequest, reply: Reply) => void;

/** How one of the services (APNs, FCM, token endpoint) reads a request and what it would answer. */
export interface Service {
  readonly provider: 'apns' | 'fcm' | 'token';
  readonly receive: (request: WireRequest) => ReceivedRequest;
}

export interface ReceivedRequest {
  /** As sent on the wire; empty when the request names none. */
  readonly pushkey: string;
  /** The answer after validation, as the real service would give it. */
  judge(): WireAnswer;
  /** The error that a command asks for, in the wire form of this service. */
  commanded(answer: CommandedAnswer): WireAnswer;
}

/** The part of a command's answer that the services word differently. */
export interface CommandedAnswer {
  readonly status: number;
  readonly reason?: string | undefined;
  readonly errorCode?: string | undefined;
  readonly message?: string | undefined;
  readonly timestamp?: number | undefined;
}

/** The services that take pushes; the token endpoint does not. */
export type PushProvider = 'apns' | 'fcm';
