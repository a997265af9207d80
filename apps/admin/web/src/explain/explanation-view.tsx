import type { Explanation } from '@reveille/admin-api';

import { Moment } from '../parts/moment';
import { DeviceCard } from './device-card';

/** The answer: one sentence, then each device. */
export function ExplanationView({ explanation }: { readonly explanation: Explanation }) {
  const { verdict, devices, truncated, kept_since } = explanation;
  return (
    <section aria-label="Answer">
      <p class="note verdict">
        <strong>{verdict.charAt(0).toUpperCase() + verdict.slice(1)}</strong>
      </p>
      {devices.map((device) => (
        <DeviceCard key={device.device_hash} device={device} />
      ))}
      {truncated && <p class="note">There are more devices than are shown. Say the pushkey to see one that is missing.</p>}
      <p>
        {kept_since ? (
          <>
            Events are remembered since <Moment at={kept_since} />.
          </>
        ) : (
          'No event is remembered: nothing came yet, or explain is off in the configuration.'
        )}
      </p>
    </section>
  );
}
