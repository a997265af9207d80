// Asks the role in this container whether it is alive; for HEALTHCHECK, since the image has no curl.
const DEFAULT_PORT = 5002; // metrics and health of ingress
const TIMEOUT_MS = 2_000;

const port = process.env.HEALTH_PORT ?? DEFAULT_PORT;
const response = await fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(() => undefined);
process.exit(response?.ok ? 0 : 1);
