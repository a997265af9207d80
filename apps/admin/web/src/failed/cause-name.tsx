import type { Cause } from '@reveille/admin-api';

import { Badge } from '../parts/badge';

/** Why pushes failed: how they ended, our reason, and what the provider said. */
export function CauseName({ cause }: { readonly cause: Pick<Cause, 'outcome' | 'reason' | 'provider_status' | 'provider_reason'> }) {
  const { outcome, reason, provider_status, provider_reason } = cause;
  // Ours is often the provider's own word.
  const said = [provider_status, provider_reason === reason ? null : provider_reason].filter((part) => part !== null).join(' ');
  return (
    <>
      <Badge tone={outcome === 'dead' ? 'bad' : 'wait'}>{outcome === 'dead' ? 'dead letter' : 'expired'}</Badge> <strong>{reason}</strong>
      {said && <small> provider: {said}</small>}
    </>
  );
}
