import { appCheck, commonAppShape, resolvePath } from '@reveille/config';
import type { SettingProblem } from '@reveille/provider';
import { apnsSettingsShape, loadApnsCredentials } from '@reveille/provider-apns';
import { fcmSettingsShape, loadFcmCredentials } from '@reveille/provider-fcm';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** The settings of one app: what every app has, and what its provider has. */
export const appSchema = z.discriminatedUnion('type', [
  z.strictObject({ ...apnsSettingsShape, ...commonAppShape }),
  z.strictObject({ ...fcmSettingsShape, ...commonAppShape }),
]);

export type AppSettings = z.output<typeof appSchema>;

/** Reads a file named in the configuration; relative paths start at `baseDirectory`. */
export function fileReader(baseDirectory: string): (path: string) => string {
  return (path) => readFileSync(resolvePath(baseDirectory, path), 'utf8');
}

/** Looks at the key files and certificates of an app. Nothing is tried over the network. */
export const checkApp = appCheck(appSchema, (app, baseDirectory) => credentialProblems(app, fileReader(baseDirectory)));

function credentialProblems(app: AppSettings, readFile: (path: string) => string): readonly SettingProblem[] {
  switch (app.type) {
    case 'apns':
      return loadApnsCredentials(app, readFile).problems;
    case 'fcm':
    case 'gcm':
      return loadFcmCredentials(app, readFile).problems;
    default:
      return app satisfies never;
  }
}
