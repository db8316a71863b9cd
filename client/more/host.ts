import type { LitElement } from 'lit'
import type { RunController } from '../controller.ts'
import type { Doings, Shown } from '../parts/shown.ts'

/** What an element offers to the parts that load later. */
export interface Host {
  element: LitElement & { readonly renderRoot: ShadowRoot; readonly withLinks: boolean }
  watched: RunController
  doings: Doings
  /** null: there is no run to show. */
  shown(): Shown | null
  /** Opens the log at a line. */
  openLine(line: number): void
}
