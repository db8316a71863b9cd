import { css } from './css.ts'

/**
 * The look that all elements share: colours, one type scale, one spacing scale. A page can set each as `--stepcast-…`;
 * light and dark follow its `color-scheme`. Contrast with `card` is 3:1 for marks, 4.5:1 for text.
 *
 * @cssprop --stepcast-font - Font of the text.
 * @cssprop --stepcast-font-size - Size of the text; smaller and larger sizes follow it.
 * @cssprop --stepcast-line-height - Height of a line of text.
 * @cssprop --stepcast-space - Unit of all distances.
 * @cssprop --stepcast-radius - Radius of a card's corners; smaller radii follow it.
 * @cssprop --stepcast-card - Background of a card.
 * @cssprop --stepcast-hover - Background of what the pointer is on.
 * @cssprop --stepcast-ink - Text.
 * @cssprop --stepcast-soft - Secondary text.
 * @cssprop --stepcast-faint - The faintest text and marks.
 * @cssprop --stepcast-line - Separator lines.
 * @cssprop --stepcast-edge - Border of cards and buttons.
 * @cssprop --stepcast-track - The unfilled part of a progress bar.
 * @cssprop --stepcast-run - Marks of what is running.
 * @cssprop --stepcast-run-tint - Background of what is running.
 * @cssprop --stepcast-ok - What is completed.
 * @cssprop --stepcast-bad - What has failed.
 * @cssprop --stepcast-warn - What is waiting or reconnecting.
 */
export const theme = css`
  :host {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    align-content: start;
    min-inline-size: 0;
    --_font: var(--stepcast-font, system-ui, sans-serif);
    --_size: var(--stepcast-font-size, 14px);
    --_leading: var(--stepcast-line-height, 20px);
    --_tiny: calc(var(--_size) - 2px);
    --_small: calc(var(--_size) - 1px);
    --_large: calc(var(--_size) + 2px);
    --_huge: calc(var(--_size) + 6px);
    --_space: var(--stepcast-space, 4px);
    --_2: calc(2 * var(--_space));
    --_3: calc(3 * var(--_space));
    --_4: calc(4 * var(--_space));
    --_5: calc(5 * var(--_space));
    --_radius: var(--stepcast-radius, 12px);
    --_round: calc(var(--_radius) * 2 / 3);
    --_card: var(--stepcast-card, light-dark(#fff, #15181e));
    --_hover: var(--stepcast-hover, light-dark(#f3f4f7, #1e222a));
    --_ink: var(--stepcast-ink, light-dark(#16181d, #e8eaee));
    --_soft: var(--stepcast-soft, light-dark(#5b6270, #9aa2b1));
    --_faint: var(--stepcast-faint, light-dark(#667085, #8b93a3));
    --_line: var(--stepcast-line, light-dark(#e4e7ec, #262b34));
    --_edge: var(--stepcast-edge, light-dark(#d3d8e0, #343a45));
    --_track: var(--stepcast-track, light-dark(#e9ecf1, #262b34));
    --_run: var(--stepcast-run, light-dark(#2f6feb, #6aa0ff));
    --_run-bg: var(--stepcast-run-tint, light-dark(#f2f6ff, #131b2b));
    --_ok: var(--stepcast-ok, light-dark(#1a7f4b, #4ec583));
    --_bad: var(--stepcast-bad, light-dark(#c8322b, #ff7b72));
    --_warn: var(--stepcast-warn, light-dark(#8f6000, #d9a441));
  }
  :host::before { content: ''; inline-size: 480px; max-inline-size: 100% }
  :host > * { container-type: inline-size }
  :host([hidden]), [hidden] { display: none !important }
`
