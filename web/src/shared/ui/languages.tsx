// The three languages side by side, for whoever has no profile yet to choose one in.
import { type Language, languageNames, languages, setLanguage, useT } from "../i18n/index.tsx"

export function LanguageChoice({ onChoice }: { onChoice?: (language: Language) => void }) {
  const t = useT()
  return (
    <div className="seg" role="radiogroup" aria-label={t("language")}>
      {languages.map((one) => (
        <button
          key={one}
          type="button"
          role="radio"
          lang={one}
          aria-checked={t.language === one}
          data-testid={`language-${one}`}
          onClick={() => {
            onChoice?.(one)
            setLanguage(one)
          }}
        >
          {languageNames[one]}
        </button>
      ))}
    </div>
  )
}
