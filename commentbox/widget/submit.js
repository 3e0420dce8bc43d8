// Sends the one form of a page that only passes something on, so that nobody has to press its button.
// It expects <form data-submit> with a button that does the same where no script runs.
document.querySelector("form[data-submit]")?.requestSubmit();
