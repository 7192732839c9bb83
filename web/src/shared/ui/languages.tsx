// The three languages side by side, for whoever has no profile yet to choose one in.
import { type Language, languageNames, languages, setLanguage, useT } from "../i18n/index.tsx"
import { Choice } from "./choice.tsx"

export function LanguageChoice({ onChoice }: { onChoice?: (language: Language) => void }) {
  const t = useT()
  return (
    <Choice
      label={t("language")}
      options={languages.map((id) => ({ id, label: languageNames[id], lang: id, testid: `language-${id}` }))}
      value={t.language}
      onChange={(one) => {
        onChoice?.(one)
        setLanguage(one)
      }}
    />
  )
}
