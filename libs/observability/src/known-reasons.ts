/** Reasons in the body of an APNs answer. Source: Apple, "Handling notification responses from APNs", table 4. */
const APNS_REASONS = [
  'BadCollapseId', 'BadDeviceToken', 'BadExpirationDate', 'BadMessageId', 'BadPriority', 'BadTopic',
  'DeviceTokenNotForTopic', 'DuplicateHeaders', 'IdleTimeout', 'InvalidPushType', 'MissingDeviceToken',
  'MissingTopic', 'PayloadEmpty', 'TopicDisallowed', 'BadCertificate', 'BadCertificateEnvironment',
  'BadEnvironmentKeyIdInToken', 'ExpiredProviderToken', 'Forbidden', 'InvalidProviderToken', 'MissingProviderToken',
  'UnrelatedKeyIdInToken', 'BadPath', 'MethodNotAllowed', 'ExpiredToken', 'Unregistered', 'PayloadTooLarge',
  'TooManyProviderTokenUpdates', 'TooManyRequests', 'InternalServerError', 'ServiceUnavailable', 'Shutdown',
];

/** `errorCode` of an FCM answer, `status` of a Google API error. Source: FCM HTTP v1 "ErrorCode"; google.rpc.Code. */
const FCM_REASONS = [
  'UNSPECIFIED_ERROR', 'INVALID_ARGUMENT', 'UNREGISTERED', 'SENDER_ID_MISMATCH', 'QUOTA_EXCEEDED', 'UNAVAILABLE',
  'INTERNAL', 'THIRD_PARTY_AUTH_ERROR', 'UNAUTHENTICATED', 'PERMISSION_DENIED', 'NOT_FOUND', 'RESOURCE_EXHAUSTED',
  'DEADLINE_EXCEEDED', 'ABORTED', 'FAILED_PRECONDITION', 'UNKNOWN',
];

/** Why no answer came: the kinds of failure of the HTTP/2 transport. */
const TRANSPORT_REASONS = [
  'connect', 'tls', 'proxy', 'timeout', 'goaway', 'reset', 'closed', 'answer-too-large', 'protocol',
];

/** Why there is no access token: our token exchange, and the errors of RFC 6749 section 5.2 and RFC 7523. */
const TOKEN_REASONS = [
  'token-timeout', 'token-connect', 'token-answer-invalid', 'token-no-credentials', 'token-invalid-grant',
  'token-invalid-client', 'token-invalid-request', 'token-invalid-scope', 'token-unauthorized-client',
  'token-access-denied', 'token-unsupported-grant-type', 'token-http-429', 'token-http-500', 'token-http-502',
  'token-http-503', 'token-http-504',
];

/** Answers without a code of the provider's own, from a proxy or a load balancer: the status stands for it. */
const STATUS_REASONS = [
  'http-400', 'http-401', 'http-403', 'http-404', 'http-405', 'http-408', 'http-413', 'http-429', 'http-500',
  'http-502', 'http-503', 'http-504',
];

/** Decided by us, mostly without asking the provider. */
const OWN_REASONS = [
  'ok', 'Success', 'Unknown', 'nothing-to-send', 'malformed-pushkey', 'malformed-default-payload',
  'default-payload-too-complex', 'malformed-aps', 'malformed-alert', 'payload-too-large', 'invalid-registration-token',
  'signing-failed', 'deadline', 'superseded', 'unreadable', 'tampered', 'not-sealed', 'stalled', 'crashed', 'rejection-storm',
  'poison', 'lost', 'threw', 'hung', 'sealing-key-unknown',
];

/** The values of a `reason` label that every dispatcher knows; more can be named with the option `reasons`. */
export const knownReasons: readonly string[] = [
  ...APNS_REASONS,
  ...FCM_REASONS,
  ...TRANSPORT_REASONS,
  ...TOKEN_REASONS,
  ...STATUS_REASONS,
  ...OWN_REASONS,
];
