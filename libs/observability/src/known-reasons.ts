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

/** Decided without asking the provider. */
const OWN_REASONS = ['ok', 'none', 'expired', 'deadline', 'superseded', 'unreadable', 'nothing-to-send'];

/** The values of a `reason` label that every dispatcher knows; the providers add their own words (option `reasons`). */
export const knownReasons: readonly string[] = [...APNS_REASONS, ...FCM_REASONS, ...TRANSPORT_REASONS, ...OWN_REASONS];
