/** For React 19: `import type {} from 'stepcast/types/react'` once, and JSX knows the elements. */
import type { DetailedHTMLProps, HTMLAttributes } from 'react'
import type { Listeners, Settings, StepcastElements } from './elements.ts'

type Elements = {
  [Tag in keyof StepcastElements]: DetailedHTMLProps<HTMLAttributes<StepcastElements[Tag]>, StepcastElements[Tag]> &
    Settings<StepcastElements[Tag], boolean> &
    Listeners
}

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements extends Elements {}
  }
}
