export { toAuditEntryView } from './audit-view';
export { createOperations, type Operations, type OperationsOptions } from './create-operations';
export { toExplanationView } from './explanation-view';
export { toAttemptView, toCause, toItemView, toPageView, toShownView } from './failed-views';
export { toIso, toIsoOrNull } from './moments';
export { toRejectionView } from './rejection-view';
export { countNotSent, toFilterView, toPreviewView, toReplayView } from './replay-views';
export { startAuditedReplay, type ReplayStart } from './start-audited-replay';
