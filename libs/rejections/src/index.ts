export { loadHashKey } from './hash-key';
export {
  createRejectionMemory,
  rejectionGuard,
  rejectionSchema,
  type Rejection,
  type RejectionMemory,
  type RejectionMemoryOptions,
} from './rejection-memory';
