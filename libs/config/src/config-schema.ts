import { z } from 'zod';

import { sectionShape } from './sections';

const APP_EXAMPLE = `apps:
  com.example.ios:
    type: apns
    keyfile: AuthKey_ABC.p8
    key_id: ABC1234567
    team_id: TEAM123456
    topic: com.example.app`;

/** Everything but the apps, as the roles see it: durations in milliseconds, sizes in bytes, every default filled in. */
const commonSchema = z.strictObject(sectionShape);
export type CommonSettings = z.output<typeof commonSchema>;

/** The whole configuration of a role that knows apps of type `App`, by app id or glob. */
export type Settings<App> = CommonSettings & { readonly apps: Readonly<Record<string, App>> };

/** The schema of the whole file: type, validator and documentation of the settings. `appSchema` is that of one app. */
export function configSchema<T extends z.ZodType>(appSchema: T) {
  return z.strictObject({
    ...sectionShape,
    apps: z
      .record(z.string(), appSchema)
      .refine((apps) => Object.keys(apps).length > 0, 'at least one app is required')
      // Keys on Redis are told apart by one (see libs/queue/src/keyspace.ts).
      .refine((apps) => !/\p{Cc}/u.test(Object.keys(apps).join('')), 'the name of an app has no control characters')
      .meta({ description: 'The apps that are served, by app id or glob (`*`, `?`).', example: APP_EXAMPLE }),
  });
}

/** The schema without apps: for the tables of the documentation. */
export const sectionsSchema = commonSchema;
