// Whose browser this is now: what is kept in it is kept for one person.
export const person = document.documentElement.dataset.person || "nobody";
