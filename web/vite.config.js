import { resolve } from "node:path";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";
import { compress } from "./build/compress.js";
import { earlyPages } from "./build/early_pages.js";

/** Few files of some size arrive sooner over a slow line than many small ones. */
const GROUPS = [
  {
    name: "base",
    priority: 2,
    test: /\/node_modules\/(svelte|esm-env|clsx)\/|\/src\/text\/(?!pages|en\.pages)|\/src\/(api|state|router|styles)\/|\/src\/shell\/(?!CommandPalette|ShortcutList|SessionEnded|overlays|commands)|\/src\/components\/(Button|CopyButton|Dialog|EmptyState|ErrorState|Field|JobProgress|Loadable|Menu|PageHeader|Pill|Quantity|Skeleton|Table|Tabs|Time|Toasts|anchored|table)\.|\/(StockState|DocumentStatus)\.svelte/,
  },
  { name: "lists", priority: 1, test: /\/src\/text\/(pages|en\.pages)|\/src\/components\/(DocumentLink|ColumnPicker|DateRange|ExportMenu|FilterBar|MoreButton|Pager|SavedViews|SelectionBar|columns)\.|\/src\/pages\/(stock|movements)\/(columns|BalanceTable|MovementTable)|\/src\/pages\/why\// },
  { name: "forms", test: /\/src\/components\/(Combobox|ConfirmDialog|Facts|FormError|ItemPicker|LocationPicker|into_view)\./ },
];

export default defineConfig({
  plugins: [svelte(), earlyPages(), compress()],
  build: {
    outDir: resolve(import.meta.dirname, "../src/truestock/web/static"),
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { output: { codeSplitting: { groups: GROUPS } } },
  },
  server: { proxy: { "/api": "http://127.0.0.1:8000" } },
});
