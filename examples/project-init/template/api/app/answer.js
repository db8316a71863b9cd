import { routes } from './routes.js'

/** Answers one request with JSON. */
export function answer(request, response) {
  const { pathname } = new URL(`http://localhost${request.url}`)
  const route = routes[`${request.method} ${pathname}`]
  const [status, body] = route ? [200, route()] : [404, { title: 'Not found', status: 404 }]
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
}
