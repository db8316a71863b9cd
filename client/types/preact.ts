/** For Preact: `import type {} from 'stepcast/types/preact'` once, and JSX knows the elements. */
import type { HTMLAttributes } from 'preact'
import type { Listeners, Settings, StepcastElements } from './elements.ts'

type Elements = {
  [Tag in keyof StepcastElements]: HTMLAttributes<StepcastElements[Tag]> & Settings<StepcastElements[Tag]> & Listeners
}

declare module 'preact' {
  namespace JSX {
    interface IntrinsicElements extends Elements {}
  }
}
