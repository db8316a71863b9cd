/** For Vue 3: `import type {} from 'stepcast/types/vue'` once, and templates know the elements. */
import type { HTMLAttributes } from 'vue'
import type { Settings, StepcastElements } from './elements.ts'

type Emit = <Name extends keyof HTMLElementEventMap>(name: Name, event: HTMLElementEventMap[Name]) => void

type Elements = {
  [Tag in keyof StepcastElements]: new () => StepcastElements[Tag] & {
    /** The attributes and properties that templates accept. */
    $props: HTMLAttributes & Settings<StepcastElements[Tag]>
    $emit: Emit
  }
}

declare module 'vue' {
  interface GlobalComponents extends Elements {}
}
