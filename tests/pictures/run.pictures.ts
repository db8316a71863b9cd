import { type RunState, states } from '../client/run-states.ts'
import { RUN, snapshotEvent } from '../client/samples.ts'
import type { Picture, Scene } from './scene.ts'

const ELEMENT = `<stepcast-run run-id="${RUN}" with-logs with-actions></stepcast-run>`

/** Shows a run, then does what comes after. */
function picture(
  name: string,
  { run, steps }: RunState,
  after: (scene: Scene) => Promise<void> = async () => {},
): Picture {
  return {
    name,
    html: ELEMENT,
    arrange: async (scene) => {
      const stream = await scene.stream()
      stream.send(snapshotEvent(run, steps))
      stream.ready()
      await scene.page.locator('stepcast-run li.step .name').first().waitFor()
      await after(scene)
    },
  }
}

export const pictures: Picture[] = Object.entries(states).map(([name, state]) => picture(name, state))
