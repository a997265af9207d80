import { loadFcmCredentials } from '@reveille/provider-fcm';
import type { AppSettings } from '../app-schema';

/**
 * Whose a quota is: Google counts the pushes of a project, whichever of its apps they are for; of Apple's nothing is published, and an
 * app is by itself.
 *
 * @param readFile the text of a file by its path in the settings; throws as `readFileSync` does
 */
export function quotaOwner(appKey: string, app: AppSettings, readFile: (path: string) => string): string {
  switch (app.type) {
    case 'apns':
      return `app:${appKey}`;
    case 'fcm':
    case 'gcm': {
      const { credentials } = loadFcmCredentials(app, readFile);
      return credentials ? `fcm:${credentials.projectId}` : `app:${appKey}`;
    }
    default:
      return app satisfies never;
  }
}
