import { useState } from 'react'
import { createRoot } from 'react-dom/client'
import 'stepcast/client'
import { useRun } from 'stepcast/react'
import type {} from 'stepcast/types/react'

const TARGET = { workflow: 'import', key: '42' }

/** React 19 sets properties of an element and hears its events. */
function App() {
  const { run } = useRun(TARGET, { src: '/stepcast' })
  const [end, setEnd] = useState('')
  return (
    <>
      <h1>{run === null ? 'Nothing yet' : `${run.progress} %`}</h1>
      <stepcast-run
        workflow={TARGET.workflow}
        run-key={TARGET.key}
        src="/stepcast"
        with-logs
        onstepcast-end={({ detail }) => setEnd(`It has ${detail.reason}.`)}
      />
      <p id="said">{end}</p>
    </>
  )
}

const place = document.querySelector('#app')
if (place) createRoot(place).render(<App />)
