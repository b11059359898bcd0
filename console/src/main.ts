import './app/app.css';
import { mount, type Component } from 'svelte';

/** Pages beside the console need no map: each is fetched by itself. */
async function pageOf(path: string): Promise<Component> {
  switch (path.split('/')[1]) {
    case 'account':
      return (await import('./pages/PublicAccount.svelte')).default;
    case 'sign-in':
    case 'first-account':
      return (await import('./pages/SignIn.svelte')).default;
    default:
      return (await import('./app/App.svelte')).default;
  }
}

const target = document.getElementById('app');
if (target) void pageOf(location.pathname).then((page) => mount(page, { target }));
