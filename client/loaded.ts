/**
 * What has been loaded besides the stream, so that it is available without waiting; null: nothing has needed it yet.
 * `makeLists` makes `Lists`; its type would make the imports circular.
 */
export const loaded: { makeLists: (() => unknown) | null } = { makeLists: null }
