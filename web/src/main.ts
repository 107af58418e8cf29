import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/controls.css";
import { mount } from "svelte";
import App from "./App.svelte";
import { findRoute } from "./router/routes";
import { listenToLinks } from "./router/router.svelte";
import { listenToKeys } from "./state/shortcuts.svelte";

// The page's code is fetched while the server is still being asked who we are.
void findRoute(location.pathname)?.route.load().catch(() => undefined);
listenToLinks();
listenToKeys();
mount(App, { target: document.getElementById("app")! });
