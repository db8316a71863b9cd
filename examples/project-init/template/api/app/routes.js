/** Method and path → what is answered. */
export const routes = {
  'GET /': () => ({ name: '{{name}}', title: '{{title}}' }),
  'GET /health': () => ({ ok: true }),
}
