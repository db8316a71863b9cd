import { LitElement } from 'lit'
import { nextFrame } from './frame.ts'

/** An element that is drawn once everything it needs has loaded, with all changes between two frames at once. */
export abstract class LateElement extends LitElement {
  #knows = false

  /** Resolves when everything needed to draw it is there. */
  protected abstract prepare(): Promise<void>

  protected override shouldUpdate(): boolean {
    return this.#knows
  }

  protected override async scheduleUpdate(): Promise<void> {
    if (this.hasUpdated) await nextFrame()
    if (!this.#knows) {
      // While updating, Lit restores what the page had set before this class existed: do that at once, without drawing.
      this.performUpdate()
      this.#knows = true
      this.requestUpdate()
    }
    await this.prepare()
    super.scheduleUpdate()
  }
}
