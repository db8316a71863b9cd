/**
 * What has been loaded beside the stream, so that it is at hand without waiting; null: nobody has needed it yet.
 * `makeLists` makes `Lists`; its type would close a circle of imports.
 */
export const loaded: { makeLists: (() => unknown) | null } = { makeLists: null }
