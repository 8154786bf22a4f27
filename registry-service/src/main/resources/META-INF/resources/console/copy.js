// A button with data-copy copies what the field of that id holds.
document.addEventListener('click', async event => {
  const button = event.target.closest('button[data-copy]');
  if (!button) {
    return;
  }
  const field = document.getElementById(button.dataset.copy);
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    button.textContent = 'Copied';
  } catch {
    // Browsers have no clipboard for pages that came over plain HTTP from another machine.
    button.textContent = document.execCommand('copy') ? 'Copied' : 'Press Ctrl+C';
  }
});
