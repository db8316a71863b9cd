import { LitElement } from 'lit'
import { nextFrame } from './frame.ts'

/** Drawn when all it is drawn with has come, and many changes between two frames at once. */
export abstract class LateElement extends LitElement {
  #knows = false

  /** Resolves when there is all to draw it. */
  protected abstract prepare(): Promise<void>

  protected override shouldUpdate(): boolean {
    return this.#knows
  }

  protected override async scheduleUpdate(): Promise<void> {
    if (this.hasUpdated) await nextFrame()
    if (!this.#knows) {
      // What the page has set before there was this class Lit gives back as it updates: at once, and nothing is drawn.
      this.performUpdate()
      this.#knows = true
      this.requestUpdate()
    }
    await this.prepare()
    super.scheduleUpdate()
  }
}
