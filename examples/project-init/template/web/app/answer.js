import { sendFile } from './files.js'
import { health } from './health.js'

/** Answers one request: `/health` for the orchestrator, everything else from `public/`. */
export async function answer(request, response) {
  if (request.method !== 'GET' && request.method !== 'HEAD') return end(response, 405, 'Method not allowed')
  const { pathname } = new URL(`http://localhost${request.url}`)
  if (pathname === '/health') return health(response)
  if (await sendFile(pathname, response)) return
  end(response, 404, 'Not found')
}

function end(response, status, text) {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${text}\n`)
}
