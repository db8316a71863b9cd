import { define } from './elements.ts'

export * from './elements.ts'

define()
