// BullMQ ships its Lua beside its classes, without type declarations for the CommonJS build.
declare module 'bullmq/dist/cjs/scripts/pause-7' {
  export const pause: { readonly name: string; readonly content: string; readonly keys: number };
}
declare module 'bullmq/dist/cjs/scripts/moveToFinished-14' {
  export const moveToFinished: { readonly name: string; readonly content: string; readonly keys: number };
}
declare module 'bullmq/dist/cjs/scripts/reprocessJob-9' {
  export const reprocessJob: { readonly name: string; readonly content: string; readonly keys: number };
}
