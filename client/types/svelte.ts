/** For Svelte 5: `import type {} from 'stepcast/types/svelte'` once, and templates know the elements. */
import type { HTMLAttributes } from 'svelte/elements'
import type { Listeners, Settings, StepcastElements } from './elements.ts'

type Elements = {
  [Tag in keyof StepcastElements]: HTMLAttributes<StepcastElements[Tag]> & Settings<StepcastElements[Tag]> & Listeners
}

declare module 'svelte/elements' {
  interface SvelteHTMLElements extends Elements {}
}
