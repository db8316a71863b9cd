/** Says that the process answers. */
export function health(response) {
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ name: '{{name}}', ok: true }))
}
