// Fills the reference page from the document this service publishes.

// The manners of the API are long: they open on demand, so that the operations come first.
const folded = (system) => ({
  wrapComponents: {
    InfoContainer: (Original) => (props) => {
      const { createElement } = system.React;
      return createElement(
        "details",
        { className: "manners" },
        createElement("summary", null, "How the API behaves: tokens, problems, languages, lists, changes, repeats"),
        createElement(Original, props),
      );
    },
  },
});

window.addEventListener("DOMContentLoaded", () => {
  SwaggerUIBundle({
    url: "/openapi.json",
    dom_id: "#reference",
    presets: [SwaggerUIBundle.presets.apis],
    plugins: [folded],
    layout: "BaseLayout",
    deepLinking: true,
    displayRequestDuration: true,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    defaultModelRendering: "model",
    filter: true,
    requestSnippetsEnabled: true,
    tryItOutEnabled: true,
    validatorUrl: null,
  });
});
