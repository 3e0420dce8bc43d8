// A muted person's comments are in the public bytes like any other. For this viewer alone they are folded, or closed where the
// other muted them. Fetched by compose.js for viewers whom it concerns. What it expects:
//   template#cb-muted-HOW   what stands for the reply, and the fold, if any
export function quieten([id, how]) {
  const comment = document.getElementById(`c-${id}`);
  const [note, fold] = document.getElementById(`cb-muted-${how}`)?.content.cloneNode(true).children ?? [];
  if (!note || !comment?.matches("article") || comment.dataset.muted) return;
  comment.dataset.muted = how;
  comment.querySelectorAll("[data-reply]").forEach((each) => each.replaceWith(note));
  if (how === "mine") comment.querySelector('[formaction$="/mute"]')?.parentElement.remove();
  else comment.querySelectorAll('[formaction$="/recommend"]').forEach((each) => (each.disabled = true));
  if (!fold) return;
  comment.before(fold);
  fold.append(comment);
}
