import { useState } from 'react'
import { createRoot } from 'react-dom/client'
import { StepcastRun, useRun } from 'stepcast/react'

const TARGET = { workflow: 'import', key: '42' }

/** React 18 sets attributes alone and hears no event of an element: the component does. */
function App() {
  const { run } = useRun(TARGET, { src: '/stepcast' })
  const [end, setEnd] = useState('')
  return (
    <>
      <h1>{run === null ? 'Nothing yet' : `${run.progress} %`}</h1>
      <StepcastRun
        workflow={TARGET.workflow}
        runKey={TARGET.key}
        src="/stepcast"
        withLogs
        onStepcastEnd={({ detail }) => setEnd(`It has ${detail.reason}.`)}
      />
      <p id="said">{end}</p>
    </>
  )
}

const place = document.querySelector('#app')
if (place) createRoot(place).render(<App />)
