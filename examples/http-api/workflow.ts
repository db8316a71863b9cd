import { workflow } from 'stepcast'
import { z } from 'zod'
import { charge } from './payments.ts'

interface Order {
  customer: string
  cents: number
  currency: string
  card: number
}

/** Charges an order once, through an API, and records the charge once, in Postgres. */
export const chargeOrder = workflow('charge_order', {
  displayName: { en: 'Charging order {order}', 'zh-CN': '正在收取订单 {order} 的款项' },
  input: z.object({ order: z.string().min(1) }),
})
  // The request's content is read in a step of its own: its result stays the same in every attempt of the next step,
  // and so does the request, even if somebody changes the order meanwhile.
  .step('read_order', { displayName: { en: 'Read the order', 'zh-CN': '读取订单' } }, async (ctx): Promise<Order> => {
    const sql = `select customer, cents, currency, card from orders where id = $1 and status = 'open'`
    const [order] = (await ctx.tx.query<Order & Record<string, unknown>>(sql, [ctx.input.order])).rows
    if (!order) throw new Error(`There is no open order ${ctx.input.order}.`)
    return order
  })
  .step('charge', { weight: 4, displayName: { en: 'Charge the customer', 'zh-CN': '扣款' } }, async (ctx) => {
    const { input, results, run, tx, signal } = ctx
    const { customer, cents, currency, card } = results.read_order
    // Field by field: an object that Postgres has stored as jsonb may come back with its fields in another order, which
    // makes another body.
    const wanted = { reference: input.order, customer, cents, currency }
    // Not ctx.idempotencyKey, which belongs to the run: a second run for the order would charge it a second time. A
    // header may only contain ASCII.
    const key = `order/${encodeURIComponent(input.order)}/card/${card}`
    const { id } = await charge(key, wanted, signal)
    // From here on only Postgres is involved: these statements commit with the step, or the step is retried under the
    // same key. Another run for the order may have recorded the same charge, at this moment too: `on conflict` without
    // a target waits for it whichever of the table's constraints is met first.
    const record = 'insert into charges (id, order_id, cents, run_id) values ($1, $2, $3, $4) on conflict do nothing'
    await tx.query(record, [id, input.order, cents, run.id])
    const [kept] = (await tx.query<{ id: string }>('select id from charges where order_id = $1', [input.order])).rows
    if (kept?.id !== id) throw new Error(`Order ${input.order} is charged twice, as ${kept?.id} and as ${id}.`)
    await tx.query(`update orders set status = 'paid' where id = $1`, [input.order])
    return { charge: id }
  })
