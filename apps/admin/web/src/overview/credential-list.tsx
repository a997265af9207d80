import { Badge } from '../parts/badge';
import { Moment } from '../parts/moment';
import { describeExpiry, renewsItself, urgencyOf, type Credential, type Urgency } from './credentials';

const TONES = { fine: 'good', soon: 'wait', over: 'bad' } as const satisfies Record<Urgency, string>;

/** When the app's credentials end, as its dispatchers report it. */
export function CredentialList({ credentials }: { readonly credentials: readonly Credential[] }) {
  if (credentials.length === 0) return null;
  const now = new Date();
  return (
    <ul class="credentials" aria-label="Credentials">
      {credentials.map((credential) => (
        <li key={`${credential.kind} ${credential.expires_at ?? ''}`}>
          {credential.kind.replaceAll('_', ' ')} <Badge tone={TONES[urgencyOf(credential, now)]}>{describeExpiry(credential, now)}</Badge>{' '}
          {credential.expires_at && !renewsItself(credential) && (
            <small>
              <Moment at={credential.expires_at} />
            </small>
          )}
        </li>
      ))}
    </ul>
  );
}
