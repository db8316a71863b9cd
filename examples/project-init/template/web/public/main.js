const output = document.querySelector('#health')
const response = await fetch('/health').catch(() => undefined)
output.textContent = response?.ok ? 'ready' : 'not answering'
