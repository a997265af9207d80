export { loadApnsCredentials, type ApnsCredentials, type ClientCertificate, type SigningKey } from './credentials';
export { createApnsProvider, type ApnsProviderOptions } from './provider';
export { apnsOrigin, apnsSettingsShape, type ApnsSettings } from './settings';
