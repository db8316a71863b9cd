// Bundled for React 18 and for 19: what the wrappers of the elements set and hear.
import { useState } from 'react'
import { createRoot } from 'react-dom/client'
import { StepcastRun, StepcastRuns, StepcastStats } from 'stepcast/react'

function App() {
  const [opened, setOpened] = useState('')
  const [counted, setCounted] = useState('')
  const [period, setPeriod] = useState('')
  return (
    <>
      <StepcastRuns
        src="/stepcast"
        workflow="import"
        withFilters
        onStepcastOpen={(event) => {
          event.preventDefault()
          setOpened(event.detail.run.id)
        }}
      />
      {opened === '' ? null : <StepcastRun src="/stepcast" runId={opened} getToken={() => null} />}
      <StepcastStats
        src="/stepcast"
        workflow="import"
        period="30d"
        getToken={() => null}
        onStepcastStats={({ detail }) => setCounted(`${detail.stats.total.runs} counted`)}
        onStepcastPeriodChange={({ detail }) => setPeriod(`period ${detail.period}`)}
      />
      <p>{counted}</p>
      <p>{period}</p>
    </>
  )
}

const place = document.querySelector('#app')
if (place) createRoot(place).render(<App />)
