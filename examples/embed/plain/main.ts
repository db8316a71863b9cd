import type {} from 'stepcast/client/elements'

document.querySelector('stepcast-run')?.addEventListener('stepcast-end', ({ detail }) => {
  const said = document.querySelector('#said')
  if (said) said.textContent = `It has ${detail.reason}.`
})
