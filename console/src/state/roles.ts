/** Roles as somebody types them: ids apart by commas or spaces. Pure. */
export const rolesOf = (text: string): string[] => [...new Set(text.toLowerCase().split(/[\s,;]+/).filter(Boolean))];
