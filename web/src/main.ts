import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/controls.css";
import { mount } from "svelte";
import App from "./App.svelte";
import { listenToLinks } from "./router/router.svelte";
import { listenToKeys } from "./state/shortcuts.svelte";

listenToLinks();
listenToKeys();
mount(App, { target: document.getElementById("app")! });
